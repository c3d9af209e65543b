import { campaign } from './campaign.js'

campaign(0, 2)
